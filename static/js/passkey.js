// A form with data-passkey asks the browser for a passkey ("get") or has it make one ("create"), and sends the answer.
// What to ask for stands in data-options, or is fetched from where the form goes when nobody is known yet.
const WORDS = {
  NotAllowedError: "Nothing was chosen, or it took too long. Try again.",
  InvalidStateError: "This device has a passkey for this account already.",
  SecurityError: "Passkeys need https and a name, or localhost: they do not work at this address.",
};

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const words = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

function readable(told) {
  const options = { ...told.publicKey, challenge: bytes(told.publicKey.challenge) };
  const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
  options.allowCredentials = known(options.allowCredentials);
  options.excludeCredentials = known(options.excludeCredentials);
  return options;
}

function writable(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = words(credential.response[part]);
  }
  const { id, type, authenticatorAttachment } = credential;
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id, rawId: words(credential.rawId), type, authenticatorAttachment, clientExtensionResults, response };
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
  const answer = await fetch(form.action, { headers });
  if (!answer.ok) throw new Error(answer.status === 429 ? "Too many tries. Wait a minute." : "The studio did not answer.");
  return (await answer.json()).request_options;
}

function tell(form, trouble) {
  const place = form.querySelector("[data-passkey-trouble]");
  place.textContent = trouble;
  place.hidden = !trouble;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-passkey]") || form.elements.credential.value) return;
  event.preventDefault();
  tell(form, "");
  if (!window.PublicKeyCredential) {
    tell(form, WORDS.SecurityError);
    return;
  }
  try {
    const publicKey = readable(await optionsOf(form));
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
    form.elements.credential.value = JSON.stringify(writable(credential));
    form.submit();
  } catch (error) {
    tell(form, WORDS[error.name] ?? error.message);
  }
});
