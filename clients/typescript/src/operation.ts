import type { Options } from './http.js';
import type { paths } from './schema.js';

// What an operation takes and gives, as the document says it.

export type Method = 'get' | 'put' | 'post' | 'delete';

/** The paths that know a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

export type Operation<M extends Method, P extends PathOf<M>> = paths[P] extends Record<M, infer O> ? O : never;

type Json<Content> = Content extends { content: { 'application/json': infer T } } ? T : undefined;

/** The body of the answer that says yes. */
export type AnswerOf<O> = O extends { responses: { 200: infer R } }
  ? Json<R>
  : O extends { responses: { 201: infer R } }
    ? Json<R>
    : undefined;

/** What stands in `From[Key]` as the member `Name`, which may be left out if the other may be. */
type Member<Name extends string, From, Key extends string> = From extends { [K in Key]: infer T }
  ? { [N in Name]: T }
  : From extends { [K in Key]?: infer T }
    ? [NonNullable<T>] extends [never] ? unknown : { [N in Name]?: NonNullable<T> }
    : unknown;

type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer T } } }
  ? { body: T }
  : O extends { requestBody?: { content: { 'application/json': infer T } } }
    ? { body?: T }
    : unknown;

/** What has to be given, and what may be. */
export type Input<O> = (O extends { parameters: infer P }
  ? Member<'path', P, 'path'> & Member<'query', P, 'query'> & Member<'headers', P, 'header'>
  : unknown) &
  BodyOf<O> &
  Options & {
    /** Doing it twice is the same as doing it once, so it may be sent again after a lost answer. */
    repeatable?: boolean | undefined;
  };

/** Nothing has to be given if nothing of it is required. */
export type Arguments<I> = Record<string, never> extends I ? [input?: I] : [input: I];

/** A path with its parameters in their places. */
export function fill(path: string, values: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
