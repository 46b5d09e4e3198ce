async def parts(folder):
    return ["x"], [["y"]]
