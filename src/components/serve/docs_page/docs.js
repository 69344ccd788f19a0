// The interface's description by Swagger UI. Where the server wants a key, it is asked for once and
// kept for this tab: sessionStorage ends with it.

const STORED = "components-key";
const form = document.getElementById("ask");
const told = document.getElementById("told");

async function fetchDescription(key) {
  const reply = await fetch("/openapi.json", { headers: key ? { "X-API-Key": key } : {} });
  if (reply.status === 401) return null;
  if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
  return reply.json();
}

// What "Authorize" and "Logout" do within Swagger UI holds for the tab, too.
const keepKey = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        authorize: (next) => (given) => {
          for (const { value } of Object.values(given)) {
            if (typeof value === "string") sessionStorage.setItem(STORED, value);
          }
          return next(given);
        },
        logout: (next) => (names) => {
          sessionStorage.removeItem(STORED);
          return next(names);
        },
      },
    },
  },
});

// Swagger UI takes seconds to lay out one choice of seventy families, of which it shows one. Here a
// query is one object; what each family's columns are stands in its example and in its own schema.
function lighten(description) {
  const schemas = description.components.schemas;
  const families = schemas.Query?.discriminator?.mapping;
  if (!families) return description;
  const first = schemas[Object.values(families)[0].split("/").pop()];
  const about = "By column of the family; /v1/components/families lists them";
  schemas.Query = {
    ...first,
    title: "Query",
    description: "Of one family, as the examples show",
    properties: {
      ...first.properties,
      component_type: { type: "string", enum: Object.keys(families) },
      exact: { type: "object", description: about },
      ranges: {
        type: "object",
        description: about,
        additionalProperties: { $ref: "#/components/schemas/Range" },
      },
    },
  };
  return description;
}

function show(description, key) {
  form.hidden = true;
  const ui = SwaggerUIBundle({
    spec: lighten(description),
    dom_id: "#interface",
    deepLinking: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    // Its badge would be asked for at another server.
    validatorUrl: null,
    plugins: [keepKey],
    onComplete: () => {
      if (key) ui.preauthorizeApiKey("key", key);
    },
  });
}

async function start(key) {
  told.textContent = "";
  try {
    const description = await fetchDescription(key);
    if (description) {
      if (key) sessionStorage.setItem(STORED, key);
      show(description, key);
      return;
    }
    sessionStorage.removeItem(STORED);
    form.hidden = false;
    if (key) told.textContent = "The server does not know this key.";
    document.getElementById("key").focus();
  } catch (error) {
    form.hidden = false;
    told.textContent = `No description came: ${error.message}.`;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start(document.getElementById("key").value.trim());
});
start(sessionStorage.getItem(STORED));
