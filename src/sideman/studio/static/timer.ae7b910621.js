"use strict";(()=>{var e;self.onmessage=t=>{clearInterval(e),e=t.data?setInterval(()=>self.postMessage(null),25):void 0};})();
