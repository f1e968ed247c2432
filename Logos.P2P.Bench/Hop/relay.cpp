// A relay as a C++ program on the shared library, for RelayKind.NativeNode: what NodeRole is in .NET. argv[1] is the port of
// the relay before, or "source". Writes its port twice; answers "wait N" with "ok" when N peers are connected.
#include <logos_p2p.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

int main(int, char **argv)
{
    std::string from = argv[1], peer = from == "source" ? "0" : "127.0.0.1:" + from;
    // A source that sends a million messages a second is a flooder otherwise.
    logos_p2p_setting settings[] = {
        {"regtest", nullptr}, {"bind", "127.0.0.1"}, {"port", "0"}, {"whitelist", "relay@127.0.0.1"}, {"connect", peer.c_str()},
    };
    logos_p2p_host host = logos_p2p_host();
    host.size = sizeof host;
    host.receive = [](void *, const void *, size_t) { return true; };
    host.origin = [](void *, const void *, size_t) -> uint32_t { return 1; };
    host.inline_callbacks = 1;
    logos_p2p *node = logos_p2p_create(settings, sizeof settings / sizeof *settings, &host);
    if (node == nullptr || logos_p2p_start(node) < 0)
    {
        std::cerr << logos_p2p_last_error() << std::endl;
        return 1;
    }
    std::cout << logos_p2p_port(node) << " " << logos_p2p_port(node) << std::endl;
    std::string word;
    int peers;
    while (std::cin >> word >> peers)
    {
        while (logos_p2p_connection_count(node) < peers)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        std::cout << "ok" << std::endl;
    }
    logos_p2p_free(node);
    return 0;
}
