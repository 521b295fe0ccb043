/**
 * Writes src/api/schema.ts from the server's OpenAPI document.
 *
 * The server always sends every field of a struct, so that no property is optional; what may be any value is `Json`.
 * Parameters are not covered.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(web, "..", "docs", "reference", "openapi.json");
const target = join(web, "src", "api", "schema.ts");
const schemas = JSON.parse(readFileSync(source, "utf8")).components.schemas;

const PLAIN = { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" };

function typeOf(schema) {
  if (schema === undefined || schema === true || Object.keys(schema).length === 0) return "Json";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  const parts = schema.oneOf ?? schema.anyOf;
  if (parts) return [...new Set(parts.map(typeOf))].join(" | ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" & ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  if (schema.type === "array") return arrayOf(schema);
  if (schema.type === "object" || schema.properties || schema.additionalProperties) return objectOf(schema);
  return PLAIN[schema.type] ?? "Json";
}

function arrayOf(schema) {
  const places = schema.prefixItems;
  if (places) return `readonly [${places.map(typeOf).join(", ")}]`;
  const items = typeOf(schema.items);
  return `readonly ${/[ |&]/.test(items) ? `(${items})` : items}[]`;
}

function objectOf(schema) {
  if (!schema.properties) return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
  return `{ ${fieldsOf(schema, " ")}}`;
}

function fieldsOf(schema, end) {
  return Object.entries(schema.properties)
    .map(([name, field]) => `readonly ${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}: ${typeOf(field)};${end}`)
    .join("");
}

const comment = (text) => (text ? `/** ${text.replaceAll("*/", "*\\/").split("\n")[0]} */\n` : "");
const declared = Object.entries(schemas)
  .sort(([one], [other]) => (one < other ? -1 : 1))
  .map(([name, schema]) =>
    schema.properties
      ? `${comment(schema.description)}export interface ${name} {\n${fieldsOf(schema, "\n").replace(/^(?=.)/gm, "  ")}}\n`
      : `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`,
  );
const text = `// Written by scripts/api_types.mjs from docs/reference/openapi.json.\n\nimport type { Json } from "../values/kinds";\n\n${declared.join("\n")}`;
if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
