import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type EngineServer, startEngine } from "./engine";

export interface PausableEngine extends EngineServer {
  /** Takes connections and answers nothing, as a CLI does after `kill -STOP`. */
  pause(): void;
  resume(): void;
  /** Settles when so many connections have been opened to it since the last `pause`. */
  knocked(times: number): Promise<void>;
}

/** An engine that can be stopped for a while. */
export async function startPausableEngine(): Promise<PausableEngine> {
  const engine = await startEngine();
  const enginePort = Number(engine.address.split(":").at(-1));
  const connections = new Map<Socket, Socket>();
  let paused = false;
  let knocks = 0;
  const join = (socket: Socket, onward: Socket) => {
    socket.pipe(onward);
    onward.pipe(socket);
  };
  const server = createServer((socket) => {
    knocks++;
    server.emit("knock");
    const onward = connect(enginePort, "127.0.0.1");
    connections.set(socket, onward);
    const end = () => {
      connections.delete(socket);
      socket.destroy();
      onward.destroy();
    };
    for (const each of [socket, onward]) each.on("error", end).on("close", end);
    if (!paused) join(socket, onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...engine,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    pause() {
      paused = true;
      knocks = 0;
      for (const pair of connections) for (const socket of pair) socket.unpipe().pause();
    },
    resume() {
      paused = false;
      for (const [socket, onward] of connections) join(socket, onward);
    },
    async knocked(times) {
      while (knocks < times) await once(server, "knock");
    },
    stop() {
      server.close();
      for (const socket of connections.keys()) socket.destroy();
      engine.stop();
    },
  };
}
