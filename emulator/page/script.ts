/**
 * Keeps the page live: asks for it once a second and puts what is new in the place of what was. The server writes all of
 * the page, so that it is whole without this script too. Nodes that are as they were stay, and keep focus and picture.
 */
export const pageScript = `
const form = document.querySelector("form");
const ended = document.querySelector(".ended");

function renew(old, next) {
  const have = new Map([...old.children].map((node) => [node.id, node]));
  [...next.children].forEach((node, index) => {
    const before = have.get(node.id);
    const kept = before && before.outerHTML === node.outerHTML ? before : document.importNode(node, true);
    if (before && kept !== before) before.replaceWith(kept);
    if (old.children[index] !== kept) old.insertBefore(kept, old.children[index] ?? null);
  });
  while (old.children.length > next.children.length) old.lastElementChild.remove();
}

let latest = 0;

async function refresh() {
  const asked = (latest += 1);
  try {
    const answer = await fetch(location.href);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    // A slow answer never overtakes one to a newer filter.
    if (asked !== latest) return;
    for (const old of document.querySelectorAll("[data-live]")) renew(old, next.getElementById(old.id));
    ended.hidden = true;
  } catch {
    ended.hidden = false;
  }
}

async function follow() {
  if (!document.hidden) await refresh();
  setTimeout(follow, 1000);
}

function filter() {
  history.replaceState(null, "", "?" + new URLSearchParams(new FormData(form)));
  return refresh();
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  filter();
});
document.addEventListener("keydown", (event) => {
  const { search } = form.elements;
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
follow();
`;
