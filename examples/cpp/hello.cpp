// Two nodes on this machine; one says hello, the other hears it.
#include <p2p.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

class Node : public p2p_interface
{
public:
    explicit Node(std::string name) : name_(std::move(name)) {}
    ~Node() override { Shutdown(); } // Before its members go.

    bool Start(const std::string &peer)
    {
        std::string connect = "-connect=" + peer;
        const char *argv[] = {name_.c_str(), "-regtest", "-bind=127.0.0.1", "-port=0", connect.c_str()};
        p2p_config config{};
        config.argc = 5;
        config.argv = const_cast<char **>(argv);
        config.userInterfaceMessage = [](int type, const char *text) {
            if (type & (P2P_UI_ERROR | P2P_UI_WARNING))
                std::cerr << text << std::endl;
        };
        return Init(config);
    }

    bool ReceiveMessageCallback(const void *message, unsigned size) override
    {
        std::cout << name_ << " heard: " << std::string(static_cast<const char *>(message), size) << std::endl;
        heard = true;
        return true; // Pass it on.
    }

    std::atomic<bool> heard{false};

private:
    std::string name_;
};

int main()
{
    Node alice("Alice"), bob("Bob");
    if (!alice.Start("0") || !bob.Start("127.0.0.1:" + std::to_string(logos_p2p_port(alice.native()))))
        return 1;
    while (!bob.PropagateMessage("hello", 5, true)) // False: no peer is connected yet.
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    while (!alice.heard)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 0;
}
