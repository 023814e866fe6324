import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { intentOf } from '../../../extension/chat/intent.js';
import {
  answerResponse,
  passagesResponse,
  summaryResponse,
  type ResponsePart,
} from '../../../extension/chat/response.js';
import type { Passage } from '../../../models/document/types.js';
import { inEnglish as t } from '../../../extension/formatting/translate.js';

const passage = (start: number, line: number, text: string): Passage => ({
  start,
  end: start + text.length,
  line,
  text,
  score: 1,
});
const coverage = { tokens: 10, bytes: 50, complete: true };
const context = { source: { name: 'a.md', totalBytes: 50 }, coverage, t };
const markdown = (parts: readonly ResponsePart[]) =>
  parts.map((part) => ('markdown' in part ? part.markdown : `<${part.title}>`)).join('');

describe('a request in the chat', () => {
  it('is what its command says', () => {
    expect(intentOf('summarize', '')).toEqual({ kind: 'summarize' });
    expect(intentOf('find', ' the storm ')).toEqual({ kind: 'find', query: 'the storm' });
    expect(intentOf('ask', 'the pass key')).toEqual({ kind: 'ask', question: 'the pass key' });
  });

  it('without a command is a question, a search, or a wish for a summary', () => {
    expect(intentOf(undefined, 'What is the pass key?')).toEqual({
      kind: 'ask',
      question: 'What is the pass key?',
    });
    expect(intentOf(undefined, '密码是什么？').kind).toBe('ask');
    expect(intentOf(undefined, 'the storm')).toEqual({ kind: 'find', query: 'the storm' });
    expect(intentOf(undefined, '  ')).toEqual({ kind: 'summarize' });
  });

  it('that cannot be served asks for words', () => {
    expect(intentOf('find', ' ')).toEqual({ kind: 'help' });
    expect(intentOf('ask', '')).toEqual({ kind: 'help' });
    expect(intentOf('translate', 'it')).toEqual({ kind: 'help' });
  });
});

describe('a reply in the chat', () => {
  it('says what was read, quotes as text, and leads to every passage', () => {
    const parts = passagesResponse([passage(7, 2, 'The <b>key</b> [is](x) 42.')], context);
    expect(markdown(parts)).toBe(
      '*100 % of the document read*\n\n\n- The \\<b\\>key\\</b\\> \\[is\\](x) 42. <Line 2>',
    );
    expect(parts.at(-1)).toEqual({ passage: { start: 7, end: 33 }, title: 'Line 2' });
    expect(markdown(passagesResponse([], context))).toContain('No passage in a.md matches.');
  });

  it('has a summary section by section', () => {
    const summary = {
      coverage,
      engine: 'cpu',
      model: 'tiny',
      overview: [passage(0, 1, 'First.')],
      sections: [
        {
          title: 'One',
          start: 9,
          end: 20,
          lines: { first: 3, last: 4 },
          sentences: [passage(9, 3, 'Third.')],
        },
        { title: 'Empty', start: 20, end: 22, lines: { first: 5, last: 5 }, sentences: [] },
      ],
      keyTerms: [{ term: 'mill', count: 4, start: 0, end: 4, line: 1 }],
      format: 'text',
      timing: { readMs: 1, analyseMs: 1, tokensPerSecond: 1 },
    } as const;
    const text = markdown(summaryResponse(summary, context));
    expect(text).toContain('- First. <Line 1>\n\n**One**\n\n- Third. <Line 3>');
    expect(text).toContain('mill (4)');
    expect(text).not.toContain('Empty');
  });

  it('never shows an unverified answer as a hit', () => {
    const evidence = [passage(2, 2, 'The key is 42.')];
    expect(markdown(answerResponse({ answer: '42', verified: true, evidence }, context))).toContain(
      '**42** — found in the text',
    );
    expect(markdown(answerResponse({ answer: '43', verified: false, evidence }, context))).toMatch(
      /says “43”, but the text does not: this is not a hit/,
    );
    const none = { answer: 'none', verified: false, evidence: [] };
    const searched = { ...none, lookedUp: true };
    expect(markdown(answerResponse(searched, context))).toContain('a.md does not seem to say: all of it was');
    const staged = { ...context, coverage: { ...coverage, scannedBytes: 500 } };
    expect(markdown(answerResponse(searched, staged))).toContain('a.md does not seem to say: all of it was');
    expect(markdown(answerResponse(none, staged))).toContain('in the part of a.md that was read');
    // Of what a cancel left unread nothing is known.
    const partial = { ...context, coverage: { ...coverage, complete: false } };
    expect(markdown(answerResponse(searched, partial))).toContain('in the part of a.md that was read');
  });

  it('says where the place was looked up', () => {
    const evidence = [passage(2, 2, 'The key is 42.')];
    const looked = { answer: '42', verified: true, remembered: 'none', lookedUp: true, evidence };
    expect(markdown(answerResponse(looked, context))).toContain(
      '**42** — found in the text; the place was looked up for this question',
    );
  });
});

describe('the manifest', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

  it('contributes the participant that is registered, with the commands that it knows', () => {
    const { contributes } = JSON.parse(read('package.json')) as {
      contributes: { chatParticipants: { id: string; commands: { name: string }[] }[] };
    };
    const [participant, ...others] = contributes.chatParticipants;
    expect(others).toEqual([]);
    expect(read('extension/extension.ts')).toContain(`'${participant?.id}'`);
    for (const { name } of participant?.commands ?? []) {
      expect(intentOf(name, 'words').kind).toBe(name);
    }
  });
});
