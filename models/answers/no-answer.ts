/** What the model says when the text does not hold the answer, as it was trained to. */
export const NONE = 'none';
