internal import Commands

await Gatecrash.runProcess()
