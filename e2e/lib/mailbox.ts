// A mail server on loopback that keeps what it is sent (RFC 5321, without extensions).
import { createServer, type Server, type Socket } from "node:net";

export type Mail = { to: string[]; text: string };

export class Mailbox {
  readonly mails: Mail[] = [];
  #waiting: { wants: (mail: Mail) => boolean; resolve: (mail: Mail) => void }[] = [];

  private constructor(
    readonly port: number,
    readonly server: Server,
  ) {}

  static open(): Promise<Mailbox> {
    return new Promise((resolve) => {
      const server = createServer((socket) => converse(socket, (mail) => mailbox.#keep(mail)));
      let mailbox: Mailbox;
      server.listen(0, "127.0.0.1", () => {
        mailbox = new Mailbox((server.address() as { port: number }).port, server);
        resolve(mailbox);
      });
    });
  }

  /** The first mail that fits, as soon as it is there. */
  mail(wants: (mail: Mail) => boolean): Promise<Mail> {
    const here = this.mails.find(wants);
    return here ? Promise.resolve(here) : new Promise((resolve) => this.#waiting.push({ wants, resolve }));
  }

  #keep(mail: Mail) {
    this.mails.push(mail);
    for (const { wants, resolve } of this.#waiting) if (wants(mail)) resolve(mail);
  }

  close() {
    this.server.close();
  }
}

function converse(socket: Socket, keep: (mail: Mail) => void) {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let to: string[] = [];
  let body: string[] | undefined;
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
  });
  // A sender that hangs up has said all that it had to say.
  socket.on("error", () => socket.destroy());
  say("220 mailbox");

  function hear(line: string) {
    if (body) {
      if (line !== ".") return void body.push(line.replace(/^\./, ""));
      keep({ to, text: readable(body.join("\n")) });
      [to, body] = [[], undefined];
      return void say("250 kept");
    }
    const [verb = ""] = line.toUpperCase().split(" ");
    if (verb === "DATA") {
      body = [];
      say("354 go on");
    } else if (verb === "QUIT") {
      say("221 bye");
      socket.end();
    } else {
      if (verb === "RCPT") to.push(line.match(/<(.*)>/)?.[1] ?? "");
      say("250 well");
    }
  }
}

/** Quoted-printable undone (RFC 2045 §6.7): soft line breaks and escaped bytes. */
function readable(text: string): string {
  const bytes = text.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => `%${hex}`);
  return bytes.replace(/(%[0-9A-F]{2})+/g, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped;
    }
  });
}
