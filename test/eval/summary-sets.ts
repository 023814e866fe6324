import { documentsOf } from './data.js';

/** A document and what people wrote as its summary. */
export interface Summarized {
  readonly id: string;
  readonly document: string;
  /** None of a set that has documents alone. */
  readonly references: readonly string[];
}

interface Plain {
  readonly id: string;
  readonly document: string;
  readonly summary: string;
}

interface Story {
  readonly id: string;
  readonly document: string;
  /** The first question of every story asks for its plot. */
  readonly questions: readonly { readonly q: string; readonly refs: readonly string[] }[];
}

interface Meeting {
  readonly id: string;
  readonly document: string;
  readonly general: readonly { readonly query: string; readonly answer: string }[];
}

const PLAIN = [
  'peps_abstract_dev',
  'rust_rfcs_summary_dev',
  'keps_summary_dev',
  'openstax_psychology_dev',
  'scisummnet_dev',
] as const;

interface Alone {
  readonly id: string;
  readonly document?: string;
  readonly text?: string;
}

export const SUMMARY_SETS = ['squality_dev', 'qmsum_val', ...PLAIN] as const;
/** Books and whole documentations, of which nobody wrote a summary. */
const ALONE = ['pg19_dev', 'docs_dev'] as const;
/** The sets of which overviews are looked at. */
export const OVERVIEW_SETS = [...SUMMARY_SETS, ...ALONE] as const;

/** All documents of a set; of one with summaries those that have one. */
export async function* summarizedOf(
  folder: string,
  set: (typeof OVERVIEW_SETS)[number],
): AsyncGenerator<Summarized, void, undefined> {
  if (set === 'squality_dev') {
    for await (const { id, document, questions } of documentsOf<Story>(folder, set)) {
      yield { id, document, references: questions[0]!.refs };
    }
  } else if (set === 'qmsum_val') {
    for await (const { id, document, general } of documentsOf<Meeting>(folder, set)) {
      if (general.length > 0) yield { id, document, references: [general[0]!.answer] };
    }
  } else if (set === 'pg19_dev' || set === 'docs_dev') {
    for await (const each of documentsOf<Alone>(folder, set)) {
      yield { id: each.id, document: each.document ?? each.text!, references: [] };
    }
  } else {
    for await (const { id, document, summary } of documentsOf<Plain>(folder, set)) {
      yield { id, document, references: [summary] };
    }
  }
}
