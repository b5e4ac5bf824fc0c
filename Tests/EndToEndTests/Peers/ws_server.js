#!/usr/bin/env node
// Echo server on the Node library `ws`; see README.md beside it.
'use strict';

const fs = require('fs');

function library() {
  try {
    return require('ws');
  } catch (error) {
    // Where Debian's node-ws lies; a Node that is not Debian's does not look there.
    return require('/usr/share/nodejs/ws');
  }
}

function options() {
  const values = { host: '127.0.0.1', port: '0', 'max-seconds': '300' };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].replace(/^--/, '');
    if (!(name in values) || words[i + 1] === undefined) {
      process.stderr.write('usage: ws_server.js [--host HOST] [--port PORT] [--max-seconds SECONDS]\n');
      process.exit(64);
    }
    values[name] = words[i + 1];
  }
  return values;
}

const { host, port, 'max-seconds': maxSeconds } = options();
const { WebSocketServer } = library();
const counts = { connections: 0, messages: 0, closes_clean: 0, closes_other: 0 };
const NO_CLOSE_FRAME = 1006;

function end() {
  fs.writeSync(1, JSON.stringify(counts) + '\n');
  process.exit(0);
}

const server = new WebSocketServer({ host, port: Number(port), backlog: 4096 });
server.on('listening', () => fs.writeSync(1, `listening ${server.address().port}\n`));
server.on('error', (error) => {
  process.stderr.write(`ws_server.js: ${error.message}\n`);
  process.exit(1);
});
server.on('connection', (socket) => {
  counts.connections += 1;
  socket.on('message', (data, isBinary) => {
    counts.messages += 1;
    socket.send(data, { binary: isBinary });
  });
  socket.on('error', () => {}); // a protocol error or a reset: 'close' follows and counts it
  socket.on('close', (code) => {
    counts[code === NO_CLOSE_FRAME ? 'closes_other' : 'closes_clean'] += 1;
  });
});

process.on('SIGTERM', end);
process.on('SIGINT', end);
setTimeout(end, Number(maxSeconds) * 1000);
const input = fs.fstatSync(0);
if (input.isFIFO() || input.isSocket()) {
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdin.resume();
}
