/** The pages of the top bar, with the letter that follows `g`. */
export const PAGES = [
  { to: "/runs", name: "Runs", key: "r" },
  { to: "/history", name: "History", key: "h" },
  { to: "/compare", name: "Compare", key: "c" },
  { to: "/rules", name: "Rules", key: "u" },
  { to: "/settings", name: "Settings", key: "s" },
] as const;
