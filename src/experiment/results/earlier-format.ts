import { z } from "zod";

/**
 * Reads what earlier versions wrote too: they called a variant `arm`, and the name of its prompt `variant`.
 * Their stores, runs and results stay readable. New files use the new names.
 */
export function alsoEarlier<Schema extends z.ZodType>(schema: Schema): z.ZodPreprocess<Schema> {
  return z.preprocess(withPresentNames, schema);
}

function withPresentNames(value: unknown): unknown {
  if (!isRecord(value)) return value;
  if (Object.hasOwn(value, "arm")) return withVariant(value);
  if (!Object.hasOwn(value, "arms")) return value;
  const { arms, ...rest } = value;
  return {
    ...rest,
    variants: mapArray(arms, ({ variant, ...facts }) => ({ ...facts, name: variant })),
    ...(Object.hasOwn(rest, "cells") && { cells: mapArray(rest["cells"], withVariant) }),
    ...(Object.hasOwn(rest, "comparisons") && { comparisons: mapArray(rest["comparisons"], withVariant) }),
  };
}

type JsonRecord = Readonly<Record<string, unknown>>;

function withVariant({ arm, ...rest }: JsonRecord): JsonRecord {
  return { ...rest, variant: arm };
}

function mapArray(value: unknown, change: (item: JsonRecord) => JsonRecord): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => (isRecord(item) ? change(item) : item)) : value;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
