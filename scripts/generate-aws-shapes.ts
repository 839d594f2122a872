// Writes tools/aws-provider/shapes.generated.json: what each resource of @pulumi/aws that the program makes takes and
// gives, by the SDK's own typings (run: npx tsx scripts/generate-aws-shapes.ts).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import * as ts from "typescript";
import type { Field, OutputKind, ResourceShape, Shape } from "../tools/aws-provider/shape";
import { USED_TYPES } from "../tools/aws-provider/used-types";

const SDK = join(__dirname, "../node_modules/@pulumi/aws");
const PATH = join(__dirname, "../tools/aws-provider/shapes.generated.json");

/** Deeper than any type that is used; what goes on for ever ends here. */
const MOST_LEVELS = 12;

/** Path and text of the shapes; a test compares the text with what is committed. */
export async function generatedShapes(): Promise<{ path: string; text: string }> {
  const files = Object.values(USED_TYPES).map(([module]) => join(SDK, `${module}.d.ts`));
  const program = ts.createProgram(files, { strict: true, skipLibCheck: true, types: [] });
  const checker = program.getTypeChecker();
  const shapes = Object.entries(USED_TYPES).map(([token, [module, className]]) => {
    const source = program.getSourceFile(join(SDK, `${module}.d.ts`));
    if (source === undefined) throw new Error(`${module} is not in the SDK`);
    return [token, resourceShape(checker, source, className)] as const;
  });
  const text = await format(JSON.stringify(Object.fromEntries(shapes)), { parser: "json", printWidth: 120 });
  return { path: PATH, text };
}

function resourceShape(checker: ts.TypeChecker, source: ts.SourceFile, className: string): ResourceShape {
  const exported = checker.getExportsOfModule(checkedSymbol(checker, source));
  const find = (name: string): ts.Symbol => {
    const found = exported.find((symbol) => symbol.name === name);
    if (found === undefined) throw new Error(`${source.fileName} has no ${name}`);
    return found;
  };
  const inputs = fieldsOf(checker, checker.getDeclaredTypeOfSymbol(find(`${className}Args`)), MOST_LEVELS);
  const outputs = checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(find(className)))
    .filter(({ name }) => !(name in inputs) && !["urn", "id"].includes(name) && !name.startsWith("_"))
    .flatMap((property) => {
      const kind = outputKind(checker, property);
      return kind === undefined ? [] : [[property.name, kind] as const];
    });
  return { inputs, outputs: Object.fromEntries(outputs) };
}

function checkedSymbol(checker: ts.TypeChecker, source: ts.SourceFile): ts.Symbol {
  const symbol = checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${source.fileName} is no module`);
  return symbol;
}

function fieldsOf(checker: ts.TypeChecker, type: ts.Type, levels: number): Record<string, Field> {
  const properties = checker.getPropertiesOfType(type);
  return Object.fromEntries(
    properties.map((property) => {
      const required = (property.flags & ts.SymbolFlags.Optional) === 0;
      const declared = checker.getTypeOfSymbol(property);
      return [property.name, { required, shape: shapeOf(checker, declared, levels - 1) }];
    }),
  );
}

function shapeOf(checker: ts.TypeChecker, type: ts.Type, levels: number): Shape {
  const shapes = distinct(plainTypes(type).map((one) => singleShape(checker, one, levels)));
  const [only] = shapes;
  return shapes.length === 1 && only !== undefined ? only : { kind: "one-of", of: shapes };
}

function distinct(shapes: readonly Shape[]): Shape[] {
  return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
}

/** The members of a union, without what only says that a value may come later or be left out. */
function plainTypes(type: ts.Type): ts.Type[] {
  const members = type.isUnion() ? type.types : [type];
  return members.filter((member) => {
    const name = member.getSymbol()?.name ?? member.aliasSymbol?.name;
    if (name === "Promise" || name === "OutputInstance" || name === "Output") return false;
    return (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0;
  });
}

function singleShape(checker: ts.TypeChecker, type: ts.Type, levels: number): Shape {
  if ((type.flags & ts.TypeFlags.StringLike) !== 0) return { kind: "string" };
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return { kind: "number" };
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return { kind: "boolean" };
  if (levels === 0) return { kind: "one-of", of: [] };
  if (checker.isArrayType(type)) {
    const item = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (item === undefined) throw new Error("a list without items");
    return { kind: "list", of: shapeOf(checker, item, levels - 1) };
  }
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (index !== undefined) return { kind: "map", of: shapeOf(checker, index, levels - 1) };
  return { kind: "object", fields: fieldsOf(checker, type, levels) };
}

function isReference(type: ts.Type): type is ts.TypeReference {
  return "target" in type;
}

/** Kind of an output property; undefined for methods. */
function outputKind(checker: ts.TypeChecker, property: ts.Symbol): OutputKind | undefined {
  const declared = checker.getTypeOfSymbol(property);
  const [value] = declared.aliasTypeArguments ?? (isReference(declared) ? checker.getTypeArguments(declared) : []);
  if (value === undefined) return undefined;
  const [first] = plainTypes(value);
  if (first === undefined) return undefined;
  const { kind } = singleShape(checker, first, 1);
  return kind === "object" ? "map" : kind === "one-of" ? "list" : kind;
}

if (require.main === module) {
  void generatedShapes().then(({ path, text }) => writeFileSync(path, text));
}
