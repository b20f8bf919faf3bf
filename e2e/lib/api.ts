// What a story prepares without the browser: the REST API, as a logged-in person.

export const ADA = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery" };

type Json = Record<string, unknown>;

export class Api {
  private constructor(
    readonly url: string,
    readonly cookie: { name: string; value: string },
  ) {}

  /** Takes the set-up link as a person would. */
  static async setUp(url: string, setUpLink: string): Promise<Api> {
    const token = new URL(setUpLink).searchParams.get("token");
    const response = await fetch(`${url}/api/setup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...ADA, token }),
    });
    if (!response.ok) throw new Error(`set-up was refused: ${response.status} ${await response.text()}`);
    const [pair = ""] = (response.headers.getSetCookie()[0] ?? "").split(";");
    const at = pair.indexOf("=");
    return new Api(url, { name: pair.slice(0, at), value: pair.slice(at + 1) });
  }

  async call<T = Json>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        "content-type": "application/json",
        cookie: `${this.cookie.name}=${this.cookie.value}`,
        origin: this.url,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  get = <T = Json>(path: string) => this.call<T>("GET", path);
  post = <T = Json>(path: string, body?: unknown) => this.call<T>("POST", path, body);

  createFlag(key: string) {
    const variations = [
      { name: "on", value: true },
      { name: "off", value: false },
    ];
    return this.post("/api/projects/default/flags", { key, name: key, kind: "boolean", variations });
  }

  createMetric(key: string) {
    return this.post("/api/projects/default/metrics", { key, name: `Metric ${key}`, eventKey: key });
  }

  instruct(environment: string, flag: string, ...instructions: Json[]) {
    const path = `/api/projects/default/environments/${environment}/flags/${flag}`;
    return this.call("PATCH", path, { instructions });
  }

  alert(summary: string, more: Json = {}) {
    return this.post<{ incident: string }>("/api/alerts", {
      service: "default",
      summary,
      dedupKey: summary,
      severity: "critical",
      ...more,
    });
  }

  async sdkKey(environment: string): Promise<string> {
    type Key = { kind: string; value: string; revokedAt?: string };
    const keys = await this.get<{ items: Key[] }>(`/api/projects/default/environments/${environment}/keys`);
    const key = keys.items.find(({ kind, revokedAt }) => kind === "sdk" && !revokedAt);
    if (!key) throw new Error(`${environment} has no SDK key`);
    return key.value;
  }

  async invite(name: string): Promise<{ id: string }> {
    const email = `${name.toLowerCase()}@example.com`;
    const invited = { name, email, role: "writer" };
    const { person, link } = await this.post<{ person: { id: string }; link: string }>(
      "/api/people",
      invited,
    );
    const token = new URL(link).searchParams.get("token");
    await this.post("/api/invitations/accept", { token, password: ADA.password });
    return person;
  }
}
