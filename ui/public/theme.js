// Before the first paint: the theme that was chosen, else that of the system. A file of its own, because no script stands in a page.
(function () {
  var chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem("towpath.theme"));
  } catch {
    chosen = null;
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
