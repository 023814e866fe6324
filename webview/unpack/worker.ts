import * as Comlink from 'comlink';
import { isLooseError } from '../../models/packed/pdf/loose-errors.js';
import { keepErrorCodes } from '../worker/comlink-errors.js';
import type { UnpackRoot } from './connection.js';
import { unpackFile } from './unpack-file.js';

keepErrorCodes();

self.addEventListener('unhandledrejection', (event) => {
  if (isLooseError(event.reason)) event.preventDefault();
});

const root: UnpackRoot = { unpack: unpackFile };

Comlink.expose(root);
