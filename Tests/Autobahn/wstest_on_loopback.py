# Python 2.7: Autobahn's `wstest`, which would listen on every address, listening on 127.0.0.1 alone.
import sys

from autobahntestsuite import wstest  # installs the reactor, so it comes before the next import
from twisted.internet import reactor

listen_anywhere = reactor.listenTCP


def listen_on_loopback(port, factory, backlog=128, interface=''):
    return listen_anywhere(port, factory, backlog, '127.0.0.1')


reactor.listenTCP = listen_on_loopback
sys.argv[0] = 'wstest'
wstest.run()
