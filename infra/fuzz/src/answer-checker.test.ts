import { describe, expect, it } from 'vitest';
import { AnswerChecker } from './answer-checker.ts';
import type { Operation } from './openapi-operations.ts';
import type { FuzzRequest } from './requests.ts';
import type { Answer } from './send.ts';

const problem = { 'application/problem+json': { type: 'object', required: ['type', 'status'] } };
const schemas = {
  Thing: { type: 'object', additionalProperties: false, properties: { id: { type: 'string' } } },
  Things: { type: 'object', additionalProperties: false, properties: { things: { type: 'array' } } },
};
const operationAt = (path: string, answer: keyof typeof schemas): Operation => ({
  ...{
    service: 's',
    url: 'http://s',
    method: 'GET',
    path,
    parameters: [],
    body: undefined,
    bodyExamples: [],
  },
  answers: { 200: { 'application/json': { $ref: `#/components/schemas/${answer}` } }, default: problem },
  document: { components: { schemas } },
});
const byId = operationAt('/things/{id}', 'Thing');
const list = operationAt('/things/all', 'Things');
const checker = new AnswerChecker([byId, list]);

const asking = (target: string, method = 'GET'): FuzzRequest => ({
  ...{ operation: byId, method, target, headers: {}, body: undefined },
});
const answering = (status: number, body: string, type = 'application/json; charset=utf-8'): Answer => ({
  ...{ status, body, headers: { 'content-type': type } },
});

describe('answers are held against their document', () => {
  it.each<[string, FuzzRequest, Answer]>([
    ['as documented', asking('/things/1'), answering(200, '{"id":"1"}')],
    ['of the operation that the path leads to', asking('/things/all?x=1'), answering(200, '{"things":[]}')],
    [
      'a problem as any other answer',
      asking('/things/1'),
      answering(418, '{"type":"t","status":418}', 'application/problem+json'),
    ],
    [
      'an event that did not come in time',
      asking('/things/1?wait_for=x'),
      answering(504, '{"type":"t","status":504}', 'application/problem+json'),
    ],
    ['no body where none may be', asking('/things/1', 'HEAD'), answering(200, '')],
    ['of a page that nobody documents', asking('/docs'), answering(200, '<p>', 'text/html')],
  ])('fine: %s', (_, request, answer) => {
    expect(checker.faultOf(request, answer)).toBeUndefined();
  });

  it.each<[string, FuzzRequest, Answer]>([
    ['answered 500', asking('/things/1'), answering(500, '{}')],
    ['answered 504', asking('/things/1'), answering(504, '{}')],
    ['not as documented: /id must be string', asking('/things/1'), answering(200, '{"id":1}')],
    ['must NOT have additional properties', asking('/things/all'), answering(200, '{"id":"1"}')],
    ['no JSON', asking('/things/1'), answering(200, '{')],
    ['the media type "text/html"', asking('/things/1'), answering(404, '<p>', 'text/html')],
    ['the media type "application/json"', asking('/things/1'), answering(404, '{"type":"t","status":404}')],
    [
      "must have required property 'status'",
      asking('/things/1'),
      answering(400, '{"type":"t"}', 'application/problem+json'),
    ],
    ['204 with a body', asking('/things/1'), answering(204, 'x')],
  ])('a fault: %s', (what, request, answer) => {
    expect(checker.faultOf(request, answer)).toContain(what);
  });
});
