/** A model file that is missing, damaged or does not fit the others. The message names it and says what to do. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';

  constructor(
    /** Name inside the model folder. */
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `Model file ${file}: ${problem} Reinstall the MemMamba extension, or restore the model folder.`,
      options,
    );
  }
}

/** The GPU device went away. The state on it is gone; build a new engine and restore a snapshot. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';

  constructor(reason: string, options?: ErrorOptions) {
    super(`The GPU device was lost (${reason}).`, options);
  }
}

/** The engine was disposed of, or a state was used after its end or on another engine. */
export class EngineUseError extends Error {
  override readonly name = 'EngineUseError';
}

/** No engine of the kind asked for can run here. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}
