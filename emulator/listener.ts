import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { loopback, type Server } from "./server";

/** The listening socket, which a fault can close for a while. */
export class Listener {
  private port = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly server: Server) {}

  async listen(port: number): Promise<number> {
    this.server.listen(port, loopback);
    await once(this.server, "listening");
    this.port = (this.server.address() as AddressInfo).port;
    return this.port;
  }

  /** Refuses connections for `seconds`. Idle ones are closed; an answer under way is still given. */
  shut(seconds: number): void {
    if (this.server.listening) this.server.close();
    this.server.closeIdleConnections();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), seconds * 1000);
  }

  open(): void {
    clearTimeout(this.timer);
    if (!this.server.listening) this.server.listen(this.port, loopback);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    const closed = this.server.listening ? once(this.server, "close") : undefined;
    if (closed) this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
