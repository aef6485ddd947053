import type { CommandRow } from "./command";

/** In the order of the overview. */
export const commands: readonly CommandRow[] = [
  {
    name: "audit",
    summary: "tells what was paid for and is in no stack, free of charge",
    load: async () => (await import("./audit/index.js")).audit,
  },
  {
    name: "bill",
    summary: "shows a bill that TENCENT_AIGC_BILL_FILE has written",
    load: async () => (await import("./bill.js")).bill,
  },
  {
    name: "doctor",
    summary: "tells whether this machine and this account will do, free of charge",
    load: async () => (await import("./doctor/index.js")).doctor,
  },
  {
    name: "pull",
    summary: "downloads the pictures of a stack into a folder, with a manifest",
    load: async () => (await import("./pull/index.js")).pull,
  },
];
