// Runs before the first paint, so that a chosen theme never flashes the other one.
(() => {
  let choice;
  try {
    choice = localStorage.getItem("theme");
  } catch {
    return; // Storage is blocked: the system's theme stays.
  }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
})();
