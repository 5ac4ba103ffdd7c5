import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** Checks requests against their TypeBox schema without coercing: the number 1 is no code, however much it looks like "1". */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const validator = Compile(schema)
  return value => {
    if (validator.Check(value)) return { value }
    return {
      error: validator.Errors(value).map(({ keyword, instancePath, schemaPath, params, message }) => ({
        keyword,
        instancePath,
        schemaPath,
        params: params as Record<string, unknown>,
        message,
      })),
    } as never
  }
}
