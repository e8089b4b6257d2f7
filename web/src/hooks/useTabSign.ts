import { useEffect } from "react";

/** What the sign in the browser's tab says beside whose it is. */
export type TabSign = "run" | "move" | "rest" | "attention";

const colours: Record<TabSign, { wall: string; lamp: string; badge: string }> = {
  run: { wall: "#0f5f53", lamp: "#ffcf6e", badge: "#2fbf8f" },
  move: { wall: "#0f5f53", lamp: "#8fdcc7", badge: "#5b8def" },
  rest: { wall: "#6d7d76", lamp: "#44534c", badge: "none" },
  attention: { wall: "#0f5f53", lamp: "#8fdcc7", badge: "#d9412f" },
};

/** The door of favicon.svg, its lamp by the state, and a badge in shape and colour where there is something to say. */
export function signOf(sign: TabSign): string {
  const { wall, lamp, badge } = colours[sign];
  const mark =
    sign === "attention"
      ? `<path fill="${badge}" stroke="#fff" stroke-width="2" d="M23 13l8 17H15z"/><path stroke="#fff" stroke-width="2.500" d="M23 19v5m0 1.500v2.500"/>`
      : `<circle cx="24" cy="24" r="7" fill="${badge}" stroke="${badge === "none" ? "none" : "#fff"}" stroke-width="2"/>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="${wall}" d="M3 30V15a13 13 0 0 1 26 0v15z"/>` +
    `<path fill="none" stroke="#8fdcc7" stroke-width="2" d="M8 30V15.500a8 8 0 0 1 16 0V30"/>` +
    `<path fill="${lamp}" d="M12.500 30V16a3.500 3.500 0 0 1 7 0v14z"/>${mark}</svg>`
  );
}

/** Shows it in the tab for as long as the page is open; the sign of the house comes back afterwards. */
export function useTabSign(sign: TabSign | undefined) {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (!link || !sign) return;
    const before = link.getAttribute("href") ?? "";
    link.href = `data:image/svg+xml,${encodeURIComponent(signOf(sign))}`;
    return () => link.setAttribute("href", before);
  }, [sign]);
}
