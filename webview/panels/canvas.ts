import { el } from '../elements/dom.js';

/** A canvas of `width` × `height` CSS pixels at the screen's own resolution, cleared and ready to draw on. */
export function sized(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | undefined {
  const context = canvas.getContext('2d');
  if (!context || width <= 0 || height <= 0) return undefined;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  context.scale(ratio, ratio);
  return context;
}

/** A canvas that the keyboard can walk through: a slider over what it shows. */
export function sliderCanvas(id: string, orientation: 'horizontal' | 'vertical'): HTMLCanvasElement {
  return el('canvas', { id, tabindex: 0, role: 'slider', 'aria-orientation': orientation });
}

/** Says where a slider stands. */
export function setSlider(element: HTMLElement, at: number, last: number, said: string): void {
  element.setAttribute('aria-valuemin', '0');
  element.setAttribute('aria-valuemax', String(Math.max(0, last)));
  element.setAttribute('aria-valuenow', String(Math.max(0, at)));
  element.setAttribute('aria-valuetext', said);
}
