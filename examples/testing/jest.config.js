module.exports = { preset: "ts-jest", testMatch: ["<rootDir>/jest/*.test.ts"], testTimeout: 60_000 };
