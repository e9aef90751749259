// In place of stb-vorbis: the soundfont is an .sf2, so that no WebAssembly has to be compiled.
export class StbVorbis {
  static readonly ready = Promise.resolve();

  static decode(): never {
    throw new Error("the samples are compressed (.sf3)");
  }
}
