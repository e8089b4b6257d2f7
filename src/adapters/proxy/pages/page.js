(async () => {
  const shown = document.body.dataset.state;
  const pause = shown === "starting" ? 700 : 3000;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden) continue;
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", redirect: "manual" });
      if (answer.headers.get("devsanctum-route") !== shown) return location.reload();
    } catch {
      // Offline, or the proxy restarts: the next round tells.
    }
  }
})();
