class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.blocks = [];
    this.frame = null;
    this.port.onmessage = () => {
      this.port.postMessage({ frame: this.frame, blocks: this.blocks });
      this.done = true;
    };
  }

  process(inputs) {
    const left = inputs[0][0] ?? new Float32Array(128);
    this.frame ??= currentFrame;
    this.blocks.push(left.slice());
    return !this.done;
  }
}

registerProcessor("recorder", Recorder);
