/**
 * The one module that knows `@vscode/webview-ui-toolkit`. The toolkit is deprecated: whoever replaces it
 * replaces what is exported here, and nothing else.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { el } from './dom.js';

/** Defines the custom elements; to be called once, before any is made. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeLink(),
    vsCodeOption(),
    vsCodePanels(),
    vsCodePanelTab(),
    vsCodePanelView(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}

export function button(id: string, label: string, onClick: () => void): HTMLElement & { disabled: boolean } {
  const element = el('vscode-button', { id, appearance: 'secondary' }, label) as HTMLElement & {
    disabled: boolean;
  };
  element.addEventListener('click', onClick);
  return element;
}

export function checkbox(
  id: string,
  label: string,
  onChange: (checked: boolean) => void,
  checked = false,
): HTMLElement {
  const element = el('vscode-checkbox', { id, checked }, label) as HTMLElement & { checked: boolean };
  element.addEventListener('change', () => onChange(element.checked));
  return element;
}

/** A list of choices with its label; `onChange` gets the value chosen. */
export function dropdown(
  id: string,
  label: string,
  choices: readonly { readonly value: string; readonly label: string }[],
  onChange: (value: string) => void,
  chosen = choices[0]?.value,
): HTMLElement {
  const list = el(
    'vscode-dropdown',
    { id, 'aria-label': label },
    ...choices.map(({ value, label }) => el('vscode-option', { value, selected: value === chosen }, label)),
  ) as HTMLElement & { value: string };
  list.addEventListener('change', () => onChange(list.value));
  return el('label', { class: 'field' }, el('span', {}, label), list);
}

/** A line of text to type; `onEnter` gets it when Enter is pressed. */
export function textField(
  id: string,
  label: string,
  value: string,
  onEnter: (value: string) => void,
): HTMLElement & { value: string; disabled: boolean } {
  const field = el('vscode-text-field', { id, value }, label) as HTMLElement & {
    value: string;
    disabled: boolean;
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') onEnter(field.value);
  });
  return field;
}

/** A slider over whole numbers from 0; `set` moves it and gives it words for screen readers. */
export function slider(
  id: string,
  label: string,
  onInput: (value: number) => void,
): {
  readonly element: HTMLElement;
  range(max: number): void;
  set(value: number, words: string): void;
} {
  const input = el('input', { id, type: 'range', min: 0, max: 1, step: 1 });
  const output = el('output', { for: id, class: 'muted' });
  input.addEventListener('input', () => onInput(input.valueAsNumber));
  return {
    element: el('label', { class: 'field slider' }, el('span', {}, label), input, output),
    range: (max) => {
      input.max = String(max);
    },
    set: (value, words) => {
      input.value = String(value);
      input.setAttribute('aria-valuetext', words);
      output.textContent = words;
    },
  };
}

/** Turns while something is computed; says so in words to readers who want nothing to move. */
export function progressRing(label: string): HTMLElement {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    return el('p', { class: 'muted', role: 'status' }, `${label}…`);
  }
  return el('vscode-progress-ring', { role: 'progressbar', 'aria-label': label });
}

/** A link that does something in the page instead of leading away. */
export function actionLink(text: string, label: string, onClick: () => void): HTMLElement {
  const element = el('vscode-link', { href: '#', 'aria-label': label }, text);
  element.addEventListener('click', (event) => {
    event.preventDefault();
    onClick();
  });
  return element;
}

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly content: HTMLElement;
}

/** Tabs with their panels. `activate` brings one to the front; `onChange` tells when the reader does. */
export function tabs(
  label: string,
  list: readonly Tab[],
  onChange: (id: string) => void,
): { readonly element: HTMLElement; activate(id: string): void } {
  const panels = el(
    'vscode-panels',
    { 'aria-label': label },
    ...list.map(({ id, title }) => el('vscode-panel-tab', { id: `tab-${id}` }, title)),
    ...list.map(({ id, content }) => el('vscode-panel-view', { id: `view-${id}` }, content)),
  ) as HTMLElement & { activeid: string };
  const reach = () =>
    panels.querySelector(`#${panels.activeid}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  panels.addEventListener('change', (event) => {
    if (event.target !== panels) return;
    reach();
    onChange(panels.activeid.replace(/^tab-/, ''));
  });
  return {
    element: panels,
    activate: (id) => {
      panels.activeid = `tab-${id}`;
      reach();
    },
  };
}
