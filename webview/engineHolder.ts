import type { EngineChoice, EngineInfo } from '../extension/protocol.js';
import { createEngine, openBrowserGpu } from '../models/memmamba/create-engine.js';
import type { Engine } from '../models/memmamba/engine.js';
import { VerifiedFiles, type ModelFiles } from '../models/memmamba/files.js';
import { loadModel, type MemMambaModel } from '../models/memmamba/weights.js';
import { Tokenizer } from '../models/tokenizer/index.js';
import type { WorkerHost } from './service.js';

interface Live {
  readonly engine: Engine;
  readonly info: EngineInfo;
}

/** Holds the one engine of the page: loads it when it is first needed, and anew after its device was lost. */
export class EngineHolder {
  #model: Promise<{ readonly model: MemMambaModel; readonly tokenizer: Tokenizer }> | undefined;
  #live: Promise<Live> | undefined;
  #choice: EngineChoice | undefined;

  constructor(private readonly host: WorkerHost) {}

  /**
   * Starts the engine that `choice` leads to, unless it runs. `replaced` says that it took the place of one
   * that another choice had led to, whose states it does not know; an engine that replaces a lost device
   * takes up the memories where they were.
   */
  async start(choice: EngineChoice): Promise<{ readonly info: EngineInfo; readonly replaced: boolean }> {
    const replaced = choice !== this.#choice;
    if (replaced) {
      void this.#live?.then(({ engine }) => engine.dispose()).catch(() => undefined);
      this.#live = undefined;
      this.#choice = choice;
    }
    const { info } = await this.#current();
    return { info, replaced };
  }

  /** A live engine. */
  engine = async (): Promise<Engine> => (await this.#current()).engine;

  async tokenizer(): Promise<Tokenizer> {
    return (await this.#load()).tokenizer;
  }

  #current(): Promise<Live> {
    const live = (this.#live ??= this.#create(this.#choice ?? 'auto'));
    // A start that failed may be tried again, and a lost device is replaced.
    const forget = () => {
      if (this.#live === live) this.#live = undefined;
    };
    live.then(({ engine }) => engine.lost.then(forget), forget);
    return live;
  }

  async #create(choice: EngineChoice): Promise<Live> {
    const { model } = await this.#load();
    const { engine, reason } = await createEngine(choice, {
      model,
      runtime: { read: (name) => this.host.binary(name) },
      openGpu: openBrowserGpu,
    });
    const { config } = engine;
    return {
      engine,
      info: {
        engine: engine.name,
        device: engine.device,
        model: config.name,
        layers: config.nLayer,
        poolSize: config.poolSize,
        reason,
      },
    };
  }

  #load(): Promise<{ readonly model: MemMambaModel; readonly tokenizer: Tokenizer }> {
    const files: ModelFiles = { read: (name) => this.host.modelFile(name) };
    const load = async () => {
      const model = await loadModel(files);
      const verified = await VerifiedFiles.open(files);
      return { model, tokenizer: new Tokenizer(await verified.readJson('tokenizer.json')) };
    };
    const loading = (this.#model ??= load());
    loading.catch(() => {
      this.#model = undefined;
    });
    return loading;
  }
}
