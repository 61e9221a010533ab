/** @param {string} text read out by screen readers when they have nothing else to say */
export function announce(text) {
  say('polite', text);
}

/** @param {string} text read out at once */
export function alarm(text) {
  say('urgent', text);
}

/** @param {string} id @param {string} text */
function say(id, text) {
  const region = document.getElementById(id);
  if (!region) return;
  // The same text again is read out only if it is a new one.
  region.replaceChildren();
  const line = document.createElement('p');
  line.textContent = text;
  region.append(line);
}
