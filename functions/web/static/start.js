"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  // The badge would ask an outside host whether the description is valid.
  validatorUrl: null,
});
