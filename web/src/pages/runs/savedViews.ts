const KEY = "argus.views";
const MOST = 12;

export function savedViews(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function saveView(query: string): readonly string[] {
  return keep([query, ...savedViews().filter((one) => one !== query)].slice(0, MOST));
}

export function forgetView(query: string): readonly string[] {
  return keep(savedViews().filter((one) => one !== query));
}

function keep(views: readonly string[]): readonly string[] {
  localStorage.setItem(KEY, JSON.stringify(views));
  return views;
}
