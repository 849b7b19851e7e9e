// Keeps every error that nobody handled, for the end-to-end run, and shows it. Loaded first, so that none is missed.
window.__unclaimed = [];

{
  const keep = (what) => {
    window.__unclaimed.push(String(what));
    const trouble = document.getElementById("trouble");
    if (trouble) {
      trouble.hidden = false;
      trouble.append(`${what}\n`);
    }
  };

  // The error of an element that did not load has no message, and is seen in the capturing phase only.
  const onError = ({ message, target }) => keep(message ?? `${target.src ?? target.href} did not load`);
  window.addEventListener("error", onError, true);
  window.addEventListener("unhandledrejection", ({ reason }) => keep(reason));
  document.addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective }) =>
    keep(`the page's own policy (${effectiveDirective}) blocked ${blockedURI}`),
  );
}
