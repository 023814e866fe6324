import * as Comlink from 'comlink';
import { isUnhandledRejection } from '../../models/packed/pdf/unhandled-rejections.js';
import { keepErrorCodes } from '../worker/comlink-errors.js';
import type { UnpackRoot } from './connection.js';
import { unpackFile } from './unpack-file.js';

keepErrorCodes();

self.addEventListener('unhandledrejection', (event) => {
  if (isUnhandledRejection(event.reason)) event.preventDefault();
});

const root: UnpackRoot = { unpack: unpackFile };

Comlink.expose(root);
