"use strict";

// Where links in mail lead: /account/<what>#<token>. Opening one does nothing, since programs that look through mail
// open them, too; the person's click does it. What stands behind # reaches no server but by that click.
const PAGES = {
  "sign-up": {
    title: "Confirm your address", button: "Confirm and sign in", path: "/v1/auth/signup/confirm", signsIn: true,
    text: "Your account is made with one click.", done: "Your account is made.",
  },
  "sign-in": {
    title: "Sign in", button: "Sign in", path: "/v1/auth/login/confirm", signsIn: true,
    text: "Go on only if you asked for this yourself.", done: "You are signed in.",
  },
  address: {
    title: "Confirm your address", button: "Confirm", path: "/v1/auth/email/confirm",
    text: "It will be the address of the account that asked for it.", done: "This is the address of your account.",
  },
  reset: {
    title: "Set a new password", button: "Set the password", path: "/v1/auth/password/reset", field: "password",
    text: "It ends all sessions and personal tokens.", done: "The new password is set. Sign in with it.",
  },
  forgot: {
    title: "Set a new password", button: "Send a link", path: "/v1/auth/password/forgot", field: "email",
    text: "A link for a new password is sent to the address of your account.",
    done: "If there is such an account, a link is on its way.",
  },
};
const element = (id) => document.getElementById(id);
const name = location.pathname.split("/").pop();
const page = Object.hasOwn(PAGES, name) ? PAGES[name] : null;
const token = decodeURIComponent(location.hash.slice(1));

async function call(path, body) {
  const answer = await fetch(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.ok) return;
  const problem = text ? JSON.parse(text) : {};
  const wrong = (problem.errors || []).map((error) => error.message).join(" ");
  throw new Error(wrong || problem.detail || problem.title || "That did not work.");
}

async function goOn(form) {
  const body = page.field === "email" ? { email: form.email.value } : { token };
  if (page.field === "password") body.new_password = form.password.value;
  if (page.signsIn) body.as_cookie = true;
  await call(page.path, body);
  form.hidden = true;
  history.replaceState(null, "", location.pathname); // the link is used up
  element("result").textContent = page.done;
  if (page.signsIn) location.assign("/app");
}

if (!page || (page.field !== "email" && !/^[\w-]{43}$/.test(token))) {
  element("text").textContent = "This link is not whole. Copy all of it from the mail, or ask for a new one.";
} else {
  element("title").textContent = page.title;
  element("text").textContent = page.text;
  element("button").textContent = page.button;
  if (page.field) {
    element(`${page.field}-row`).hidden = false;
    element("form").elements[page.field].required = true;
  }
  element("form").hidden = false;
}
element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  element("button").disabled = true;
  try {
    await goOn(event.target);
  } catch (error) {
    element("result").textContent = error.message;
  } finally {
    element("button").disabled = false;
  }
});
