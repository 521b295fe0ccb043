/** The one way to the server: typed reads, problem documents as errors. */
export const BASE = "/api/v1";

/** A problem document (RFC 9457) or an answer that was none. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly hint: string | undefined,
  ) {
    super(detail || title);
  }

  /** Whether trying again may help: the server is away or busy. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export type Params = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A path below the API with its query; what is undefined, null or empty is left out. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

/** Joins words to a path, each escaped. */
export function pathOf(...words: readonly (string | number)[]): string {
  return words.map((word) => `/${encodeURIComponent(String(word))}`).join("");
}

export async function get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", address(path, params), undefined, signal);
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  return request<T>("POST", address(path), body);
}

export async function remove<T>(path: string): Promise<T> {
  return request<T>("DELETE", address(path));
}

async function request<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server did not answer", "The server did not answer.", "Is `argus ui` still running?");
  }
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

async function problemOf(answer: Response): Promise<ApiError> {
  try {
    const found = (await answer.json()) as Record<string, unknown>;
    const text = (key: string): string | undefined => (typeof found[key] === "string" ? found[key] : undefined);
    return new ApiError(answer.status, text("title") ?? answer.statusText, text("detail") ?? "", text("hint"));
  } catch {
    return new ApiError(answer.status, answer.statusText, `The server answered ${answer.status}.`, undefined);
  }
}
