import type { EngineAndModel, EngineInfo } from '../../extension/protocol/engine.js';
import { createEngineAndModel } from '../../models/memmamba/choose-model.js';
import { openBrowserGpu } from '../../models/memmamba/create-engine.js';
import type { Engine } from '../../models/memmamba/engine.js';
import { VerifiedFiles, type ModelFiles } from '../../models/memmamba/files.js';
import { loadModel, type MemMambaModel } from '../../models/memmamba/weights.js';
import type { ModelName } from '../../models/memmamba/shipped-models.js';
import { Tokenizer } from '../../models/tokenizer/index.js';
import type { WorkerHost } from './connection.js';

interface Loaded {
  readonly name: ModelName;
  readonly model: MemMambaModel;
}

interface Live {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  readonly info: EngineInfo;
}

/** Holds the one engine of the page: loads it when it is first needed, and anew after its device was lost. */
export class EngineHolder {
  readonly #host: WorkerHost;
  /** The model that was loaded last. */
  #loaded: Loaded | undefined;
  #live: Promise<Live> | undefined;
  /** The model that the choice has led to; an engine that takes the place of a lost one needs it for its states. */
  #model: ModelName | undefined;
  #choice: EngineAndModel = { engine: 'auto', model: 'auto' };

  constructor(host: WorkerHost) {
    this.#host = host;
  }

  /**
   * Starts the engine that `choice` leads to, unless it runs. `replaced` says that it took the place of one
   * that another choice had led to, whose states it does not know; an engine that replaces a lost device
   * takes up the memories where they were.
   */
  async start(choice: EngineAndModel): Promise<{ readonly info: EngineInfo; readonly replaced: boolean }> {
    const replaced = choice.engine !== this.#choice.engine || choice.model !== this.#choice.model;
    if (replaced) {
      void this.#live?.then(({ engine }) => engine.dispose()).catch(() => undefined);
      this.#live = undefined;
      this.#choice = choice;
      this.#model = undefined;
    }
    const { info } = await this.#current();
    return { info, replaced };
  }

  /** A live engine. */
  engine = async (): Promise<Engine> => (await this.#current()).engine;

  async tokenizer(): Promise<Tokenizer> {
    return (await this.#current()).tokenizer;
  }

  #current(): Promise<Live> {
    const live = (this.#live ??= this.#create(this.#choice));
    // A start that failed may be tried again, and a lost device is replaced.
    const forget = () => {
      if (this.#live === live) this.#live = undefined;
    };
    live.then(({ engine }) => engine.lost.then(forget), forget);
    return live;
  }

  async #create(choice: EngineAndModel): Promise<Live> {
    const wanted = this.#model ?? choice.model;
    const { engine, model, reason } = await createEngineAndModel(choice.engine, wanted, {
      load: (name) => this.#load(name),
      runtime: { read: (name) => this.#host.binary(name) },
      openGpu: openBrowserGpu,
    });
    if (choice === this.#choice) this.#model = model;
    const files = await VerifiedFiles.open(this.#files(model));
    const { config } = engine;
    return {
      engine,
      tokenizer: new Tokenizer(await files.readTokenizer()),
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

  async #load(name: ModelName): Promise<MemMambaModel> {
    if (this.#loaded?.name !== name) {
      // Two models at once would need the memory of both.
      this.#loaded = undefined;
      this.#loaded = { name, model: await loadModel(this.#files(name)) };
    }
    return this.#loaded.model;
  }

  #files(model: ModelName): ModelFiles {
    return { read: (name) => this.#host.modelFile(model, name) };
  }
}
