// Copy buttons, the filter of the side list, and the mark at the section in view.
"use strict";

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const code = button.closest("figure").querySelector("code").textContent;
    await navigator.clipboard.writeText(code);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1200);
  });
}

const filter = document.getElementById("filter");
const entries = [...document.querySelectorAll("nav li")];
filter.addEventListener("input", () => {
  const words = filter.value.trim().toLowerCase();
  for (const entry of entries) {
    entry.hidden = words !== "" && !entry.textContent.toLowerCase().includes(words);
  }
});

const links = new Map(entries.map((entry) => {
  const link = entry.querySelector("a");
  return [link.hash.slice(1), link];
}));
const watcher = new IntersectionObserver((seen) => {
  for (const entry of seen) {
    if (!entry.isIntersecting) continue;
    document.querySelector("nav a.here")?.classList.remove("here");
    const link = links.get(entry.target.id);
    link?.classList.add("here");
    link?.scrollIntoView({ block: "nearest" });
  }
}, { rootMargin: "-10% 0px -80% 0px" });
document.querySelectorAll("article").forEach((article) => watcher.observe(article));
