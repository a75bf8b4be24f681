/**
 * Finds visible elements by role and accessible name, in every browser alike: the part of the rules (HTML-AAM, accname)
 * that this page needs. `test_driver.py` holds it against Playwright's own.
 */
(role) => {
  const IMPLICIT = [
    ["a[href]", "link"], ["button, summary", "button"], ["input[type=checkbox]", "checkbox"],
    ["input[type=search]", "searchbox"], ["input:not([type]), input[type=text], input[type=email], input[type=password], textarea", "textbox"],
    ["h1, h2, h3, h4, h5, h6", "heading"], ["ul, ol", "list"], ["li", "listitem"], ["article", "article"],
    ["nav", "navigation"], ["main", "main"], ["section[aria-label], section[aria-labelledby]", "region"],
    ["progress", "progressbar"], ["output", "status"], ["fieldset", "group"],
  ];
  const FROM_CONTENT = new Set(["link", "button", "heading", "checkbox", "menuitem", "tab", "option"]);

  const roleOf = (node) => node.getAttribute("role")?.trim().split(/\s+/)[0]
    ?? IMPLICIT.find(([selector]) => node.matches(selector))?.[1];
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest("[aria-hidden=true], [inert]");
  const levelOf = (node) => Number(node.getAttribute("aria-level") ?? node.localName.slice(1));

  const tidy = (text) => text.replace(/\s+/g, " ").trim();
  const content = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || !node.checkVisibility({ visibilityProperty: true })) return "";
    if (node.getAttribute("aria-hidden") === "true") return "";
    if (node.hasAttribute("aria-label")) return node.getAttribute("aria-label");
    if (node.localName === "img") return node.alt;
    const inside = [...node.childNodes].map(content).join("");
    return getComputedStyle(node).display.startsWith("inline") ? inside : ` ${inside} `;
  };
  const nameOf = (node) => {
    const ids = node.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
    const labelled = ids.map((id) => document.getElementById(id)).filter(Boolean).map((each) => each.textContent).join(" ");
    const own = labelled || node.getAttribute("aria-label") || [...node.labels ?? []].map(content).join(" ");
    return tidy(own || (FROM_CONTENT.has(roleOf(node)) && content(node)) || node.title || node.placeholder || "");
  };

  const find = ({ role, name, starts, level, within }) => {
    const roots = within ? find(within).slice(0, 1) : [document];
    return roots.flatMap((root) => [...root.querySelectorAll("*")]).filter((node) =>
      roleOf(node) === role && isShown(node) && (level === null || levelOf(node) === level)
      && (name === null || nameOf(node) === name) && (starts === null || nameOf(node).startsWith(starts)));
  };

  return find(role).map((node) => ({ node, name: nameOf(node) }));
}
