// Shows openapi.json as a page. Text only ever becomes text: no markup is made from what is read.
"use strict";

const wordsOf = { get: "GET", post: "POST", put: "PUT", patch: "PATCH", delete: "DELETE" };

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  for (const child of children) element.append(child);
  return element;
}

function resolve(document_, value) {
  if (value === undefined || value.$ref === undefined) return value ?? {};
  return value.$ref.slice(2).split("/").reduce((at, part) => at?.[part], document_) ?? {};
}

// A schema in one line: "array of users.User", "integer, from 1 to 9", "viewer | user".
function typeOf(api, schema) {
  if (schema === undefined) return "";
  if (schema.$ref !== undefined && resolve(api, schema).enum === undefined) return schema.$ref.split("/").pop();
  if (schema.$ref !== undefined) return typeOf(api, resolve(api, schema));
  if (schema.enum !== undefined) return schema.enum.join(" | ");
  if (schema.oneOf !== undefined) return schema.oneOf.map((one) => typeOf(api, one)).join(" or ");
  if (schema.type === "array") return `array of ${typeOf(api, schema.items)}`;
  const limits = [];
  const range = [schema.minimum, schema.maximum];
  if (range[0] !== undefined && Math.abs(range[0]) < Number.MAX_SAFE_INTEGER) limits.push(`from ${range[0]}`);
  if (range[1] !== undefined && Math.abs(range[1]) < Number.MAX_SAFE_INTEGER) limits.push(`to ${range[1]}`);
  if (schema.maxLength !== undefined) limits.push(`at most ${schema.maxLength} bytes`);
  const name = schema["x-bulkhead-value"] ?? schema.type ?? "object";
  return limits.length === 0 ? name : `${name}, ${limits.join(" ")}`;
}

// In a box of its own: where there is no room, it alone is pushed to the side.
function table(heading, rows) {
  const body = make("tbody");
  for (const row of rows) body.append(make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
  const head = make("tr", {}, ...heading.map((cell) => make("th", { scope: "col" }, cell)));
  return make("div", { class: "wide" }, make("table", {}, make("thead", {}, head), body));
}

function parameters(api, operation) {
  const rows = (operation.parameters ?? []).map((given) => {
    const one = resolve(api, given);
    return [make("code", {}, one.name), one.in, typeOf(api, one.schema), one.description ?? "", one.required ? "yes" : ""];
  });
  return rows.length === 0 ? [] : [make("h4", {}, "Parameters"), table(["name", "in", "type", "", "needed"], rows)];
}

function fieldsOf(api, schema, seen = []) {
  const real = resolve(api, schema);
  const list = real.type === "array" ? resolve(api, real.items) : real;
  if (list.properties === undefined || seen.includes(list)) return [];
  const needed = list.required ?? [];
  return Object.entries(list.properties).map(([name, field]) =>
    [make("code", {}, name), typeOf(api, field), field.description ?? "", needed.includes(name) ? "yes" : ""]);
}

function bodyOf(api, title, content) {
  const json = content?.["application/json"];
  if (json === undefined) return [];
  const schema = json.schema?.oneOf?.[0] ?? json.schema;
  const rows = fieldsOf(api, schema);
  const type = typeOf(api, schema);
  const parts = [make("h4", {}, type === "object" ? title : `${title}: ${type}`)];
  if (rows.length > 0) parts.push(table(["field", "type", "", "always"], rows));
  if (json.example !== undefined) parts.push(make("pre", {}, JSON.stringify(json.example, null, 2)));
  return parts;
}

function answers(api, operation) {
  const rows = [];
  const parts = [];
  for (const [status, given] of Object.entries(operation.responses)) {
    const answer = resolve(api, given);
    rows.push([make("code", {}, status), answer.description ?? ""]);
    if (status.startsWith("2")) parts.push(...bodyOf(api, `Answer ${status}`, answer.content));
  }
  return [...parts, make("h4", {}, "Answers"), table(["status", ""], rows)];
}

function route(api, path, verb, operation) {
  const summary = make("summary", {}, make("span", { class: `verb ${verb}` }, wordsOf[verb]), make("code", {}, path), " ",
    make("span", { class: "says" }, operation.summary ?? ""), " ");
  const role = operation["x-bulkhead-role"];
  if (role !== undefined) summary.append(make("span", { class: "role" }, role));
  const details = make("details", { id: operation.operationId }, summary, make("p", {}, operation.description ?? ""));
  details.dataset.text = [verb, path, operation.summary, operation.description, role].join(" ").toLowerCase();
  // What is inside is made when it is opened: there are many.
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 2) return;
    details.append(...parameters(api, operation));
    details.append(...bodyOf(api, "Body", operation.requestBody?.content));
    details.append(...answers(api, operation));
    for (const sample of operation["x-codeSamples"] ?? []) {
      details.append(make("h4", {}, sample.label), make("pre", {}, sample.source));
    }
  });
  return details;
}

function show(api) {
  document.getElementById("about").textContent = api.info.description;
  const main = document.getElementById("routes");
  const nav = document.getElementById("tags");
  main.replaceChildren();
  for (const tag of api.tags) {
    const section = make("section", { id: `tag-${tag.name}` }, make("h2", {}, tag.name), make("p", {}, tag.description));
    for (const [path, verbs] of Object.entries(api.paths)) {
      for (const [verb, operation] of Object.entries(verbs)) {
        if (operation.tags?.includes(tag.name)) section.append(route(api, path, verb, operation));
      }
    }
    main.append(section);
    nav.append(make("a", { href: `#tag-${tag.name}` }, tag.name));
  }
  if (location.hash !== "") document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
}

function find(word) {
  for (const details of document.querySelectorAll("details")) {
    details.hidden = !details.dataset.text.includes(word.trim().toLowerCase());
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = section.querySelector("details:not([hidden])") === null;
  }
}

async function begin() {
  const answer = await fetch("/api/openapi.json");
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  show(await answer.json());
  document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
}

begin().catch((error) => {
  document.getElementById("routes").textContent = `The description of this machine cannot be read: ${error.message}`;
});
