import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { dequantized } from '../../kernels/simd/weights.js';
import { reply } from '../../models/answers/recall/recall.js';
import {
  decode,
  type AttentionRow,
  type Decoding,
} from '../../models/memmamba/decoding/speculative-decoding.js';
import { replyToText } from '../../models/answers/recall/reply-to-text.js';
import type { Engine, ForwardOptions, ModelState } from '../../models/memmamba/engine.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import { Safetensors } from '../../models/memmamba/safetensors.js';
import type { TensorSource } from '../../models/memmamba/trained.js';
import { loadModel, modelOf, type MemMambaModel } from '../../models/memmamba/weights.js';
import { Random } from '../kernels/support/random.js';
import { prose } from '../support/micro.js';
import { microModel, startCpu, startGpu } from './engines.js';
import { Golden, MICRO, modelFiles, repositoryFile } from '../support/model-files.js';

const TINY = 'models/artifacts/tiny';
const POOL = { pool: 'on' } as const;

/** As often the arg-max must change from token to token. */
const KINDS = 5;
/** What the blocks add to the residual stream, times this: else the last token alone decides on the next. */
const LOUDER = 40;

/** The micro model, whose random weights repeat one token, with blocks loud enough to say something of the state. */
async function talkativeModel(): Promise<MemMambaModel> {
  const { config, graphs } = await microModel();
  const file = 'model.safetensors';
  const tensors = new Safetensors(await repositoryFile(`${MICRO}/${file}`), file);
  const source: TensorSource = {
    names: tensors.names,
    take: (...args) => tensors.take(...args),
    matrix: (name, outputs, inputs) => {
      const found = tensors.matrix(name, outputs, inputs);
      if (!/out_proj|attention\.o/u.test(name)) return found;
      const { values } = dequantized(found);
      return { outputs, inputs, values: values.map((value) => value * LOUDER) };
    },
  };
  return modelOf(config, source, graphs);
}

/** A token with the attention that chose it, (nLayer, nHeads, poolSize). */
interface Step {
  readonly id: number;
  readonly weights: Float32Array;
  readonly positions: Int32Array;
}

/** Greedy decoding as it is defined: a pass a token, the arg-max of the last logits. */
async function plainly(
  engine: Engine,
  state: ModelState,
  prompt: Uint32Array,
  { longest, isEnd }: Pick<Decoding, 'longest' | 'isEnd'>,
): Promise<Step[]> {
  const options: ForwardOptions = { ...POOL, logits: 'last', attention: true };
  for (const id of prompt.subarray(0, -1)) await engine.forward(state, Uint32Array.of(id), POOL);
  const steps: Step[] = [];
  let next = prompt.at(-1)!;
  while (steps.length < longest) {
    const { logits, attention } = await engine.forward(state, Uint32Array.of(next), options);
    next = logits!.indexOf(Math.max(...logits!));
    if (isEnd(next)) break;
    steps.push({ id: next, weights: attention!.weights, positions: attention!.positions });
  }
  return steps;
}

/** The rows of one token in a trace, as if it had been read alone. */
function alone(engine: Engine, id: number, { trace, row, rows }: AttentionRow): Step {
  const { nLayer, nHeads, poolSize } = engine.config;
  const pick = (values: Float32Array | Int32Array, width: number) =>
    Array.from({ length: nLayer }, (_, layer) => [
      ...values.subarray((layer * rows + row) * width, (layer * rows + row + 1) * width),
    ]).flat();
  return {
    id,
    weights: Float32Array.from(pick(trace.weights, nHeads * poolSize)),
    positions: Int32Array.from(pick(trace.positions, poolSize)),
  };
}

type Drafter = (said: readonly number[], rest: readonly number[]) => readonly number[];

/** Drafts made with the knowledge of what is right. */
function drafters(vocabSize: number): Readonly<Record<string, Drafter>> {
  const wrong = (id: number | undefined) => ((id ?? 0) + 1) % vocabSize;
  const random = new Random(7);
  return {
    none: () => [],
    right: (_, rest) => rest,
    'right, a few tokens at a time': (_, rest) => rest.slice(0, 3),
    'wrong at the first token': (_, rest) => [wrong(rest[0]), ...rest.slice(1, 6)],
    'wrong in the middle': (_, rest) => rest.slice(0, 7).map((id, i) => (i === 3 ? wrong(id) : id)),
    'right, then too long': (_, rest) => [...rest, ...Array.from({ length: 500 }, (__, i) => i % vocabSize)],
    'now right, now wrong': (_, rest) =>
      rest.slice(0, 9 * random.next()).map((id) => (random.next() < 0.8 ? id : wrong(id))),
    'once, at the second token': (said, rest) => (said.length === 1 ? rest.slice(0, 4) : []),
  };
}

/** States that were copied and not disposed of, and passes. */
function watched(engine: Engine) {
  const live = new Set<ModelState>();
  const clone = engine.cloneState.bind(engine);
  vi.spyOn(engine, 'cloneState').mockImplementation((from) => {
    const state = clone(from);
    const dispose = state.dispose.bind(state);
    state.dispose = () => {
      live.delete(state);
      dispose();
    };
    live.add(state);
    return state;
  });
  return { live, forward: vi.spyOn(engine, 'forward') };
}
afterEach(() => {
  vi.restoreAllMocks();
});

const MICRO_ENGINES = [
  { name: 'cpu', start: () => startCpu({ segmentLength: 64 }, talkativeModel()), tolerance: 0, longest: 40 },
  {
    name: 'cpu-int8',
    start: () => startCpu({ precision: 'int8', segmentLength: 64 }, talkativeModel()),
    tolerance: 0,
    longest: 40,
  },
  {
    name: 'webgpu',
    start: async () => (await startGpu(64, 'ort', talkativeModel())).engine,
    tolerance: 2e-4,
    longest: 12,
  },
] as const;

describe.each(MICRO_ENGINES)('decoding with drafts, micro, $name', ({ start, tolerance, longest }) => {
  let engine: Engine;
  let prompt: Uint32Array;
  let begun: ModelState;
  let expected: readonly Step[];
  const never = () => false;

  beforeAll(async () => {
    engine = await start();
    const { tokens } = await Golden.read(MICRO);
    begun = engine.createState();
    for (let at = 0; at < 128; at += 64) await engine.forward(begun, tokens.subarray(at, at + 64), POOL);
    prompt = tokens.slice(128, 133);
    const state = engine.cloneState(begun);
    expected = await plainly(engine, state, prompt, { longest, isEnd: never });
    state.dispose();
  });
  afterAll(() => engine.dispose());

  /** Decodes with a drafter, and compares all of it with what was decoded plainly. */
  async function check(drafter: Drafter, isEnd: Decoding['isEnd'] = never) {
    const ended = expected.findIndex(({ id }) => isEnd(id));
    const plain = ended < 0 ? expected : expected.slice(0, ended);
    const state = engine.cloneState(begun);
    const { live, forward } = watched(engine);
    const steps: Step[] = [];
    const said = await decode(engine, state, prompt, {
      ...POOL,
      longest,
      isEnd,
      draft: (so) =>
        Uint32Array.from(
          drafter(
            so,
            expected.slice(so.length).map(({ id }) => id),
          ),
        ),
      onToken: (id, attention) => steps.push(alone(engine, id, attention)),
    });
    state.dispose();
    expect(said).toEqual(plain.map(({ id }) => id));
    expect(steps.map(({ id }) => id)).toEqual(said);
    steps.forEach(({ weights, positions }, i) => {
      expect(positions).toEqual(plain[i]!.positions);
      const apart = weights.map((weight, j) => Math.abs(weight - plain[i]!.weights[j]!));
      expect(Math.max(...apart)).toBeLessThanOrEqual(tolerance);
    });
    expect(live.size).toBe(0);
    const passes = forward.mock.calls.length;
    // The last pass says that it has ended, if it has.
    expect(passes).toBeLessThanOrEqual(plain.length + (ended < 0 ? 0 : 1));
    return passes;
  }

  it('says something to compare', () => {
    expect(expected).toHaveLength(longest);
    expect(new Set(expected.map(({ id }) => id)).size).toBeGreaterThanOrEqual(KINDS);
  });

  it.each(Object.keys(drafters(2)))('a draft that is %s changes nothing', async (kind) => {
    await check(drafters(engine.config.vocabSize)[kind]!);
  });

  it.each(Object.keys(drafters(2)))('nor before an end, a draft that is %s', async (kind) => {
    // The last token that was not said before.
    const end = expected.findLast(({ id }, i) => expected.findIndex((step) => step.id === id) === i)!.id;
    await check(drafters(engine.config.vocabSize)[kind]!, (id) => id === end);
  });

  it('takes fewer passes where drafts are right, and no more where they are wrong', async () => {
    const made = drafters(engine.config.vocabSize);
    const passes = async (kind: string) => {
      const count = await check(made[kind]!);
      vi.restoreAllMocks();
      return count;
    };
    expect(await passes('none')).toBe(longest);
    expect(await passes('right')).toBe(1);
    expect(await passes('wrong at the first token')).toBe(longest);
    // Of seven drafted tokens three are right, and the pass gives the fourth.
    expect(await passes('wrong in the middle')).toBe(Math.ceil(longest / 4));
  });

  it('makes no further pass when what was said is enough', async () => {
    const state = engine.cloneState(begun);
    const { live, forward } = watched(engine);
    const said = await decode(engine, state, prompt, {
      ...POOL,
      longest,
      isEnd: never,
      isEnough: (so) => so.length >= 5,
      draft: (so) => Uint32Array.from(expected.slice(so.length, so.length + 2).map(({ id }) => id)),
    });
    state.dispose();
    expect(said).toEqual(expected.slice(0, 6).map(({ id }) => id));
    expect(forward.mock.calls.length).toBe(2);
    expect(live.size).toBe(0);
  });

  it('hears a cancel between passes and leaves no state behind', async () => {
    const controller = new AbortController();
    const state = engine.cloneState(begun);
    const { live, forward } = watched(engine);
    const decoding = decode(engine, state, prompt, {
      ...POOL,
      signal: controller.signal,
      longest,
      isEnd: never,
      draft: (so) => Uint32Array.from(expected.slice(so.length, so.length + 2).map(({ id }) => id)),
      onToken: () => {
        if (forward.mock.calls.length === 2) controller.abort(new Error('enough'));
      },
    });
    await expect(decoding).rejects.toThrow('enough');
    expect(forward.mock.calls.length).toBe(3);
    expect(live.size).toBe(0);
    state.dispose();
  });
});

describe('answers of tiny with drafts', () => {
  let engine: Engine;
  let tokenizer: Tokenizer;
  const FACTS = [
    'The pass key is 48213-KX-907. Remember it.',
    'The vault code of Clara is 77120.',
    'Amina was born on 3 May 1871 in Oldham.',
  ];
  const QUESTIONS = [
    'What is the pass key?',
    'What is the vault code of Clara?',
    'When was Amina born?',
    'Who wrote to Hugo?',
  ];
  const text = FACTS.map((fact, i) => `${prose(1500, i + 1)} ${fact} `).join('') + prose(1500, 99);

  beforeAll(async () => {
    engine = await startCpu({}, loadModel(modelFiles(TINY)));
    const json = new TextDecoder().decode(await repositoryFile(`${TINY}/tokenizer.json`));
    tokenizer = new Tokenizer(JSON.parse(json) as ConstructorParameters<typeof Tokenizer>[0]);
  });
  afterAll(() => engine.dispose());

  it('are those of plain decoding, with the same evidence, in fewer passes', async () => {
    const { ids } = tokenizer.encode(text);
    const read = { length: ids.length, ids: (from: number, to: number) => ids.subarray(from, to) };
    const end = engine.createState();
    for (let at = 0; at < ids.length; at += engine.segmentLength)
      await engine.forward(end, ids.subarray(at, at + engine.segmentLength), POOL);
    const passes = { drafted: 0, plain: 0 };
    for (const question of QUESTIONS) {
      const copies = [engine.cloneState(end), engine.cloneState(end)] as const;
      const { live, forward } = watched(engine);
      const drafted = await reply(engine, copies[0], tokenizer, question, { ...POOL, read });
      const count = forward.mock.calls.length;
      const plain = await reply(engine, copies[1], tokenizer, question, POOL);
      passes.drafted += count;
      passes.plain += forward.mock.calls.length - count;
      expect(drafted.answer).toBe(plain.answer);
      expect([...drafted.attention]).toEqual([...plain.attention]);
      expect(live.size).toBe(0);
      for (const copy of copies) copy.dispose();
      vi.restoreAllMocks();
    }
    expect(passes.drafted).toBeLessThan(passes.plain / 2);
  });

  it('that cannot stand in the text are given up, and no others', async () => {
    const { ids } = tokenizer.encode(text);
    const end = engine.createState();
    for (let at = 0; at < ids.length; at += engine.segmentLength)
      await engine.forward(end, ids.subarray(at, at + engine.segmentLength), POOL);
    for (const question of QUESTIONS) {
      const plain = await reply(engine, engine.cloneState(end), tokenizer, question, POOL);
      // The document without the answer's last word, and as it is.
      const without = text.replaceAll(plain.answer.split(/[ -]/u).at(-1)!, '—');
      for (const document of [text, without]) {
        const stands = (words: string) => document.includes(words);
        const given = await reply(engine, engine.cloneState(end), tokenizer, question, { ...POOL, stands });
        if (stands(plain.answer)) expect(given).toEqual(plain);
        else expect(stands(given.answer)).toBe(false);
        expect(plain.answer.startsWith(given.answer)).toBe(true);
      }
    }
  });

  it('are the same whatever is drafted', async () => {
    const { ids } = tokenizer.encode(text);
    const prompt = tokenizer.encode(`\n\nQuestion: ${QUESTIONS[2]!}\nAnswer:`).ids;
    const limits = { longest: 24, isEnd: (id: number) => tokenizer.decode([id]).includes('\n') };
    const end = engine.createState();
    for (let at = 0; at < ids.length; at += engine.segmentLength)
      await engine.forward(end, ids.subarray(at, at + engine.segmentLength), POOL);
    const expected = (await plainly(engine, engine.cloneState(end), prompt, limits)).map(({ id }) => id);
    expect(tokenizer.decode(expected).trim()).toBe('3 May 1871');
    for (const drafter of Object.values(drafters(engine.config.vocabSize))) {
      const draft = (said: readonly number[]) => Uint32Array.from(drafter(said, expected.slice(said.length)));
      const said = await decode(engine, engine.cloneState(end), prompt, { ...POOL, ...limits, draft });
      expect(said).toEqual(expected);
    }
  });

  it('to a few sentences are read, asked and given in few passes', async () => {
    const state = engine.createState();
    const { ids } = tokenizer.encode(FACTS.join(' '));
    await engine.forward(state, ids, POOL);
    for (const question of QUESTIONS) {
      const copy = engine.cloneState(state);
      const forward = vi.spyOn(engine, 'forward');
      const { answer } = await reply(engine, copy, tokenizer, question, POOL);
      const plain = 1 + forward.mock.calls.length;
      forward.mockClear();
      expect(await replyToText(engine, tokenizer, FACTS.join(' '), question, POOL)).toBe(answer);
      expect(forward.mock.calls.length).toBeLessThan(plain);
      vi.restoreAllMocks();
    }
  });
});
