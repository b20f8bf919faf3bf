// Why a request was not answered as asked: the server's problem details (RFC 9457), or that it was not reached.

type Details = {
  status: number;
  code: string;
  title: string;
  detail: string;
  field?: string | null;
  hint?: string | null;
};

/** A refusal. Its message is the reason for people, with what would be right. */
export class Problem extends Error {
  readonly status: number;
  /** The reason for programs, such as `weights-do-not-sum-up`. */
  readonly code: string;
  readonly detail: string;
  /** What was wrong: a JSON pointer into the body, or the name of a parameter or header. */
  readonly field: string | undefined;
  /** What would be right. */
  readonly hint: string | undefined;

  constructor({ status, code, detail, field, hint }: Details) {
    super([detail, hint].flatMap((text) => (text ? [sentence(text)] : [])).join(" "));
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.detail = sentence(detail);
    this.field = field ?? undefined;
    this.hint = hint ? sentence(hint) : undefined;
  }

  static async of(response: Response): Promise<Problem> {
    const body: unknown = await response.json().catch(() => undefined);
    if (isDetails(body)) return new Problem(body);
    // Not ours: a proxy between us and the server.
    const title = response.statusText || "an error";
    return new Problem({
      status: response.status,
      code: "not-steadfast",
      title,
      detail: `something between you and Steadfast answered ${response.status} ${title}`,
      hint: "try again in a moment",
    });
  }
}

/** Nothing answered at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("Steadfast cannot be reached; nothing was changed as far as we know.", { cause });
    this.name = "Unreachable";
  }
}

function isDetails(body: unknown): body is Details {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body;
}

/** Starts with a capital and ends with a full stop. */
function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}
