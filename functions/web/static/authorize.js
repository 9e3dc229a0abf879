"use strict";

// As at Last.fm: ?api_key=&token= of a program that asks again by itself, or ?api_key=&cb= of a web page that is
// to be told. The password goes to this API's own sign-in, and the session ends when the program is let in.
const asked = new URLSearchParams(location.search);
const element = (id) => document.getElementById(id);
const app = (asked.get("api_key") || "a program without a name").replace(/\p{C}/gu, "").slice(0, 80);

function callback() {
  const text = asked.get("cb");
  if (!text) return null;
  try {
    const url = new URL(text);
    const isLoopback = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
    if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback)) return url;
  } catch { /* said below */ }
  throw new Error("The address that the program wants to be told at is neither https nor on this machine.");
}

async function call(path, body, session) {
  const headers = { "Content-Type": "application/json" };
  if (session) headers.Authorization = `Bearer ${session}`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  const content = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Error(content.detail || content.title || content.message || "That did not work.");
  return content;
}

async function newToken() {
  const answer = await fetch("/2.0?method=auth.getToken&format=json");
  if (!answer.ok) throw new Error("There is no token to be had; try again.");
  return (await answer.json()).token;
}

async function letIn(form) {
  const back = callback();
  const token = asked.get("token") || (back && (await newToken()));
  if (!token) throw new Error("The program did not say what it asks for: the address has neither token nor cb.");
  const session = (await call("/v1/auth/login", { email: form.email.value, password: form.password.value })).token;
  try {
    await call("/v1/auth/apps", { token, app: `Last.fm: ${app}` }, session);
  } finally {
    await call("/v1/auth/logout", {}, session).catch(() => {});
  }
  form.hidden = true;
  element("result").textContent = "It is let in. Go back to the program.";
  if (back) {
    back.searchParams.set("token", token);
    location.assign(back);
  }
}

element("app").textContent = app;
try {
  const back = callback();
  element("where").hidden = !back;
  if (back) element("host").textContent = back.host;
} catch (error) {
  element("form").hidden = true;
  element("result").textContent = error.message;
}
element("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await letIn(event.target);
  } catch (error) {
    element("result").textContent = error.message;
  }
});
